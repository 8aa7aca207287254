-- When an invitation was last sent to a candidate. The log of mail forgets after a month; this does not.
-- Its twin is migrations/postgres/0021_invited_at.sql.
ALTER TABLE candidate ADD COLUMN invited_at INTEGER; -- none
UPDATE candidate SET invited_at = (SELECT max(mail.finished_at) FROM mail WHERE mail.candidate_id = candidate.id AND mail.state = 'sent');
