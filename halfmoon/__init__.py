"""What the pages share, and all that knows Streamlit besides them."""
