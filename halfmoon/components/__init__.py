"""Components in the browser: plain JavaScript modules, and how one is mounted."""
