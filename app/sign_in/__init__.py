"""Sign-in by a code sent to a member, and the merging of a guest into the member she turns out to be."""
