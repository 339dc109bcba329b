//! Puts downloaded models where they are looked for.
