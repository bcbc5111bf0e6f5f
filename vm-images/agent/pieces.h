/* Places inside a range, drawn from a seed: the model draws the same ones. */
#ifndef PIECES_H
#define PIECES_H

#include <stdint.h>

/* So many pieces of so many pages each; count 0: the range as a whole. */
struct pieces {
	uint64_t count, page_count;
	uint32_t state;
};

/* The next piece's first page, counted from the start of a range of range_pages. */
uint64_t pieces_draw(struct pieces *pieces, uint64_t range_pages);

#endif
