"""What answers a browser besides the pages: doors, requests, uploads, and the models kept in memory."""
