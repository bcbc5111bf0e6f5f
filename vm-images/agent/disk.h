/* The swap device: finding it by what it is, and making a swap area of it. */
#ifndef DISK_H
#define DISK_H

#include <stdbool.h>

/* Finds the device of a run ("brd" and "zram" need no serial) and says what it is. */
void disk_find(const char *device, const char *serial, const char *rotational);
/* Writes the header of a swap area of the given length. NULL when done, else what failed, with errno. */
const char *disk_make_area(unsigned long long kilobytes);
/* The path that swapon(2) and swapoff(2) take; "" when there is no disk. */
const char *disk_path(void);

#endif
