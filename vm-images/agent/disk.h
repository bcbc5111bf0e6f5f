/* The swap devices: finding them by what they are, and making swap areas of them. Their numbers are below AREAS_MAX. */
#ifndef DISK_H
#define DISK_H

#include <stdbool.h>

/*
 * Finds a device of a run by its serial number, or by its name where the kernel makes it, and says what it is. The kernel
 * is told whether it rotates unless that is NULL.
 */
void disk_find(unsigned number, const char *serial, const char *rotational);
/* Writes the header of a swap area of the given length. NULL when done, else what failed, with errno. */
const char *disk_make_area(unsigned number, unsigned long long kilobytes);
/* The path that swapon(2) and swapoff(2) take; "" when there is no disk. */
const char *disk_path(unsigned number);

#endif
