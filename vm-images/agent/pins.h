/*
 * Pages that this process holds through pipes: vmsplice puts them there without copying, and each then has one more
 * reference for as long as the pipe is open.
 */
#ifndef PINS_H
#define PINS_H

#include <stddef.h>

/* 0, or the error number. */
int pins_add(int region, void *start, size_t bytes);
/* Lets go of all pages of a region; -1 stands for every region. */
void pins_drop(int region);

#endif
