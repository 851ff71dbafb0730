//! Policy text in, program out, program run against a host.
