"""Components in the browser: plain JavaScript modules, and the mounting of them."""
