-- Mail that confirms a candidate's submission, beside invitations.
-- Its twin is migrations/sqlite/0023_confirmation_mail.sql.
ALTER TABLE mail ADD COLUMN instance_id text COLLATE "C"; -- reference: what was submitted; none for an invitation
