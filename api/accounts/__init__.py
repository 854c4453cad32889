"""Who asks: sign-in, tokens, sessions, and the middleware that tells every route."""
