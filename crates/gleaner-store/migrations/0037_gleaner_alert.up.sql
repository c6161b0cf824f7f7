-- Alerts: each row is one stretch of time in which something was wrong, and what people did about it.
CREATE TABLE gleaner_alert (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    kind VARCHAR(50) NOT NULL,
    subject VARCHAR(100) NOT NULL,
    message TEXT NOT NULL,
    measured DOUBLE PRECISION NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    cleared_at TIMESTAMP,
    acknowledged_at TIMESTAMP,
    acknowledged_by VARCHAR(100),
    silenced_until TIMESTAMP
);
CREATE INDEX idx_gleaner_alert_raised_at ON gleaner_alert (raised_at);
CREATE INDEX idx_gleaner_alert_cleared_at ON gleaner_alert (cleared_at);
