"""``xiangyin doctor``: one plain line for each part of the box, with the fix where something is wrong."""
