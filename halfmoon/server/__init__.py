"""The server behind the pages: access, requests, uploads, and the models kept in memory."""
