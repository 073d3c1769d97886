//! Every campaign for every customer, in columns: what the plan chooses from.
