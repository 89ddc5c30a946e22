-- What is kept of a room for each person is found when the room is removed.
CREATE INDEX invitation_room ON invitation (room);
CREATE INDEX read_mark_room ON read_mark (room);
