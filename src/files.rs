//! Reading and listing pack files: the only place that touches the file system for packs.
