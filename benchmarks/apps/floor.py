"""The minimal cost of a click: a component whose trigger reruns a fragment that writes one line."""

import streamlit as st

_target = st.components.v2.component(
    "floor",
    html='<div class="floor-target" style="height: 300px">Click here</div>',
    js="""
export default function ({ parentElement, setTriggerValue }) {
  parentElement.querySelector(".floor-target").onpointerup = (event) => setTriggerValue("click", event.timeStamp);
}
""",
    isolate_styles=False,
)


@st.fragment
def answer() -> None:
    """Writes a line for the previous click."""
    result = _target(key="target", on_click_change=lambda: None)
    st.html(f'<p class="floor-answer">{result.click}</p>')


answer()
