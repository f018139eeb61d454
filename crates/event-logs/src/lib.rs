//! event-logs
