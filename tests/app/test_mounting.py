"""Components report to the page that mounted them."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st

from halfmoon.components.mounting import Component


def test_a_report_is_heard_and_one_that_the_session_has_lost_meanwhile_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    mounted: dict[str, Any] = {}
    heard: list[str] = []
    session: dict[str, Any] = {"known": object()}
    monkeypatch.setattr(st.components.v2, "component", lambda *_, **__: lambda **given: mounted.update(given))
    monkeypatch.setattr(st, "session_state", session)
    component = Component("frame")
    for key in ("known", "lost"):
        component.mount(key, {}, lambda key=key: heard.append(key))
        mounted["on_report_change"]()
    assert heard == ["known"]
