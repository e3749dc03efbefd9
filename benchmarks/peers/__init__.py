"""The same card, kept minimal, in Streamlit and in Dash: what people would otherwise use."""
