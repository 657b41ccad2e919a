//! changes the world on the user's word: the login service.
