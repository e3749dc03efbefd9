"""The card in Streamlit: ``streamlit run streamlit_page.py -- FILE``."""

from __future__ import annotations

import sys

import streamlit as st

from benchmarks.peers import reading


@st.cache_resource
def connection() -> object:
    """One connection for all sessions."""
    return reading.connect(sys.argv[-1])


def card() -> None:
    """One run of the script."""
    con = connection()
    if "id" not in st.session_state:
        st.session_state.id = int(st.query_params.get("organisation", "1001"))
    id = st.session_state.id
    record, counts = reading.organisation(con, id), reading.counts(con, id)
    st.title(record["name"])
    st.caption(f"{record['city']} · {record['country']} · {record['phone']}")
    following = int(st.query_params.get("next", str(id + 1)))
    st.button("Next organisation", on_click=lambda: st.session_state.update(id=following))
    labels = [f"{label} {counts[name]:,}" for name, label in reading.TABS.items()]
    order = ["Details", "Fields", *labels]
    tabs = st.tabs(order, default=labels[list(reading.TABS).index("activity")])
    with tabs[order.index(labels[list(reading.TABS).index("activity")])]:
        activities(con, id)


def activities(con: object, id: int) -> None:
    """Filters, table and exact total."""
    statuses, users = reading.choices(con, id)
    boxes = st.columns(4)
    search = boxes[0].text_input("Search", key=f"search{id}")
    chosen_users = boxes[1].multiselect("Responsible", users, key=f"responsible{id}")
    chosen = boxes[2].multiselect("Status", statuses, key=f"status{id}")
    period = boxes[3].selectbox("Date", list(reading.PERIODS), key=f"period{id}")
    page, total = reading.activities(con, id, search, chosen, chosen_users, period)
    st.dataframe(page, height=600, hide_index=True)
    st.markdown(f"<span id='total'>{total:,}</span> activities", unsafe_allow_html=True)


st.set_page_config(layout="wide")
card()
