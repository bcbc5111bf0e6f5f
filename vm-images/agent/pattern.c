#include "pattern.h"

#include <stddef.h>
#include <unistd.h>

/* Odd, so that multiplying by it maps 64-bit numbers one to one and no number but 0 to 0 (2^64 / golden ratio). */
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

/* The words of one page: word i is state + (i + 1) * step, put through mix() for random content. */
struct words {
	uint64_t state, step;
	bool mixed;
};

static size_t words_per_page(void)
{
	static size_t count;

	if (count == 0)
		count = (size_t)sysconf(_SC_PAGESIZE) / sizeof(uint64_t);
	return count;
}

/* The finishing step of the splitmix64 generator. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

static struct words content_words(enum content content, uint64_t parameter, uint64_t index)
{
	switch (content) {
	case CONTENT_WORDS:
		return (struct words){ .state = index * words_per_page() * SPREAD, .step = SPREAD };
	case CONTENT_BYTE:
		return (struct words){ .state = (parameter & 0xff) * UINT64_C(0x0101010101010101) };
	case CONTENT_RANDOM:
		return (struct words){ .state = mix(parameter) ^ mix(index + 1), .step = SPREAD, .mixed = true };
	case CONTENT_ZERO:
		break;
	}
	return (struct words){ 0 };
}

void page_fill(volatile uint64_t *page, uint64_t index, struct page_note *note, enum content content, uint64_t parameter)
{
	struct words words = content_words(content, parameter, index);

	for (size_t i = 0; i < words_per_page(); i++) {
		words.state += words.step;
		page[i] = words.mixed ? mix(words.state) : words.state;
	}
	*note = (struct page_note){ .content = content, .parameter = parameter };
}

void page_write(volatile uint64_t *page, uint64_t index, struct page_note *note, uint64_t serial)
{
	/* Not zero: a zero here would be taken for a page that was never written. */
	uint64_t word = mix(serial << 32 ^ index) | 1;

	page[0] = word;
	note->written = word;
	/* A written page is no longer free to be dropped; whether it was dropped before stays open. */
	note->may_be_zero_and_written |= note->may_be_zero;
	note->may_be_zero = false;
}

static bool holds(const volatile uint64_t *page, struct words words, uint64_t written)
{
	bool same = true;

	for (size_t i = 0; i < words_per_page(); i++) {
		words.state += words.step;
		uint64_t expected = words.mixed ? mix(words.state) : words.state;

		same &= page[i] == (i == 0 && written != 0 ? written : expected);
	}
	return same;
}

bool page_check(const volatile uint64_t *page, uint64_t index, struct page_note *note)
{
	if (holds(page, content_words(note->content, note->parameter, index), note->written))
		return true;
	/* Once it is seen that the kernel dropped the content, it cannot come back. */
	if (note->may_be_zero && holds(page, (struct words){ 0 }, 0)) {
		page_zeroed(note);
		return true;
	}
	if (note->may_be_zero_and_written && holds(page, (struct words){ 0 }, note->written)) {
		*note = (struct page_note){ .content = CONTENT_ZERO, .written = note->written, .may_be_zero = note->may_be_zero };
		return true;
	}
	return false;
}

void page_zeroed(struct page_note *note)
{
	*note = (struct page_note){ .content = CONTENT_ZERO };
}

void page_freed(struct page_note *note)
{
	note->may_be_zero = true;
}
