/*
 * Several threads that page out, drop, write and read one region at the same time. What a page may hold then is not one
 * content but a few, and what it must not hold is an older one: see storm.c.
 */
#ifndef STORM_H
#define STORM_H

#include <stdbool.h>
#include <stdint.h>

#include "limits.h"
#include "pieces.h"

enum storm_role {
	STORM_PAGEOUT,
	STORM_DONTNEED,
	STORM_WRITE,
	STORM_READ,
};

struct storm {
	int role_count;
	enum storm_role roles[STORM_THREADS_MAX];
	/* Every thread takes at least so many pieces, and goes on until all have. */
	struct pieces pieces;
};

/* The first word that held what it must not. */
struct storm_wrong {
	uint64_t page, word;
	/* What the word says of itself: all 0 for a word that is 0, else the page (counted from 1), the write and the place. */
	uint64_t held_page, held_write, held_word;
	/* The writes of its page that it could have been from, and whether it could have been 0. */
	uint32_t oldest, newest;
	bool may_be_zero;
};

struct storm_result {
	uint64_t taken[STORM_THREADS_MAX];
	uint64_t wrong_pages;
	struct storm_wrong wrong;
};

/* Fills the pages first, and reads all of them when the threads have ended. 0, or an error number. progress counts pieces. */
int storm_run(const struct storm *storm, volatile uint64_t *start, uint64_t page_count, volatile uint64_t *progress,
	      struct storm_result *result);

#endif
