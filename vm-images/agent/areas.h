/* The swap areas of a run: what they are called, the disk that each lies on, and their swap types while they are on. */
#ifndef AREAS_H
#define AREAS_H

#include <stdbool.h>

/* Makes an area of a disk. `flags` are those of swapon(2). NULL when done, else why not, with errno where a call failed. */
const char *area_make(const char *name, unsigned disk, unsigned long long kilobytes, int flags);
/* Number of the area of that name, -1 when there is none. */
int area_find(const char *name);
/* Number of the area that is on and has this path, -1 when there is none. */
int area_at(const char *path);
const char *area_name(int area);
const char *area_path(int area);
int area_flags(int area);
/* Only of an area that is on. */
int area_type(int area);
/* swapon or swapoff has succeeded. */
void area_switched(int area, bool on);

#endif
