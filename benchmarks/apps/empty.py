"""The minimal application with torch: an import and a line."""

import streamlit as st
import torch

st.write(f"Ready, with torch {torch.__version__}.")
