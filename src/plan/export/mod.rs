//! The plan as files people and programs work from: call lists, mailing lists, calendars.
