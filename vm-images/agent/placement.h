/* Where the pages of every region are, for every process that lives, from /proc/<pid>/pagemap. */
#ifndef PLACEMENT_H
#define PLACEMENT_H

/* "run" messages: neighbouring pages in the same state, swapped ones with consecutive offsets. */
void placement_report(void);

#endif
