// Runs before Streamlit's own code: it tells that where the server is, which it would else try out at the page's own
// path too, and that no other site's window may steer the app.
{
  const base = document.currentScript?.dataset.base ?? "";
  const HOST_CONFIG = { allowedOrigins: [location.origin], useExternalAuthToken: false };
  Object.assign(window, { __streamlit: { BACKEND_BASE_URL: location.origin + base, HOST_CONFIG } });
}
