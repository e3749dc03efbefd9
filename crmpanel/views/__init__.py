"""Panel and Bokeh live here: viewers over controllers, and what the browser runs."""
