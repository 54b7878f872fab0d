/** A module that uses Keralens as docs/install.md says. */
module outside {
  requires dev.keralens.core;
}
