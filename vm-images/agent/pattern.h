/*
 * What a page of the workload should hold. Every page has a note, so that reading it back can be checked
 * word by word without a second copy.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stdint.h>

enum content {
	CONTENT_ZERO,
	CONTENT_WORDS,
	CONTENT_BYTE,
	CONTENT_RANDOM,
};

struct page_note {
	/* First word as a later write left it; 0: as the content has it. */
	uint64_t written;
	/* The byte, or the seed. */
	uint64_t parameter;
	uint8_t content;
	/* MADV_FREE lets the kernel drop a page's content at any time, or never. What it may hold instead: */
	bool may_be_zero;
	/* zeros but for the word written since. */
	bool may_be_zero_and_written;
};

/* Stores the whole content; the first access to the page is a store. */
void page_fill(volatile uint64_t *page, uint64_t index, struct page_note *note, enum content content, uint64_t parameter);
/* Stores one word. serial makes it differ from write to write. */
void page_write(volatile uint64_t *page, uint64_t index, struct page_note *note, uint64_t serial);
/* Reads the whole page, its first word first: is it what it should be? */
bool page_check(const volatile uint64_t *page, uint64_t index, struct page_note *note);
void page_zeroed(struct page_note *note);
void page_freed(struct page_note *note);

#endif
