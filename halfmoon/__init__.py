"""The web app: pages' rooms, server, jobs, components and texts; all that depends on Streamlit."""
