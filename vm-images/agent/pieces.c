#include "pieces.h"

/* A linear congruential generator with the constants of Numerical Recipes; its low bits repeat soon and are left out. */
uint64_t pieces_draw(struct pieces *pieces, uint64_t range_pages)
{
	pieces->state = pieces->state * UINT32_C(1664525) + UINT32_C(1013904223);
	return (pieces->state >> 8) % (range_pages / pieces->page_count) * pieces->page_count;
}
