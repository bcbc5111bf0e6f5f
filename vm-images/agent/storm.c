#include "storm.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpus.h"
#include "files.h"

/*
 * A write of a page stores a word of its own into every place: the page, the number of the write and the place are in it, so a
 * word says where it came from. Writes of one page come one after the other, numbered from 1. A word that is read must be from
 * the last write that had ended when the reading began, or from a later one that had begun when it was over. It may be 0 as
 * well, unless every MADV_DONTNEED of the page so far had ended before that last write began.
 */
struct page_state {
	/* One writer at a time. */
	int locked;
	uint32_t writes_begun, writes_ended;
	uint32_t drops_begun, drops_ended;
	/* drops_ended when the write began that ended last. */
	uint32_t ended_before_write;
};

static struct {
	const struct storm *storm;
	volatile uint64_t *start;
	uint64_t page_count;
	size_t words_per_page;
	struct page_state *pages;
	uint64_t taken[STORM_THREADS_MAX];
	int error;
	long long deadline_ms;
	volatile uint64_t *progress;
	pthread_mutex_t wrong_lock;
	struct storm_result *result;
} run = { .wrong_lock = PTHREAD_MUTEX_INITIALIZER };

/* Words of a page of up to 64 KiB, and more writes than there is time for; the rest is the page. */
#define WORD_BITS 13
#define WRITE_BITS 28

static uint64_t word_of(uint64_t page, uint32_t write, uint64_t word)
{
	return ((page + 1) << WRITE_BITS | write) << WORD_BITS | word;
}

static volatile uint64_t *words_of(uint64_t page)
{
	return run.start + page * run.words_per_page;
}

static void write_page(uint64_t page)
{
	struct page_state *state = &run.pages[page];
	volatile uint64_t *words = words_of(page);

	if (__atomic_exchange_n(&state->locked, 1, __ATOMIC_ACQUIRE) != 0)
		return;
	uint32_t write = state->writes_begun + 1, ended = __atomic_load_n(&state->drops_ended, __ATOMIC_SEQ_CST);

	__atomic_store_n(&state->writes_begun, write, __ATOMIC_SEQ_CST);
	for (uint64_t word = 0; word < run.words_per_page; word++)
		words[word] = word_of(page, write, word);
	/* After the words: whoever sees either of these knows of a write that has ended. */
	__atomic_store_n(&state->ended_before_write, ended, __ATOMIC_SEQ_CST);
	__atomic_store_n(&state->writes_ended, write, __ATOMIC_SEQ_CST);
	__atomic_store_n(&state->locked, 0, __ATOMIC_RELEASE);
}

static void note_wrong(const struct storm_wrong *wrong)
{
	pthread_mutex_lock(&run.wrong_lock);
	if (run.result->wrong_pages++ == 0)
		run.result->wrong = *wrong;
	pthread_mutex_unlock(&run.wrong_lock);
}

static void read_page(uint64_t page)
{
	struct page_state *state = &run.pages[page];
	volatile uint64_t *words = words_of(page);
	uint32_t oldest = __atomic_load_n(&state->writes_ended, __ATOMIC_SEQ_CST);
	uint32_t ended = __atomic_load_n(&state->ended_before_write, __ATOMIC_SEQ_CST);
	uint64_t seen[1 << WORD_BITS];

	for (uint64_t word = 0; word < run.words_per_page; word++)
		seen[word] = words[word];
	uint32_t newest = __atomic_load_n(&state->writes_begun, __ATOMIC_SEQ_CST);
	bool may_be_zero = __atomic_load_n(&state->drops_begun, __ATOMIC_SEQ_CST) != ended;

	for (uint64_t word = 0; word < run.words_per_page; word++) {
		uint64_t place = seen[word] & ((UINT64_C(1) << WORD_BITS) - 1);
		uint64_t write = seen[word] >> WORD_BITS & ((UINT64_C(1) << WRITE_BITS) - 1);
		bool right = write >= oldest && write <= newest && seen[word] == word_of(page, (uint32_t)write, word);

		if (seen[word] == 0 ? may_be_zero : right)
			continue;
		note_wrong(&(struct storm_wrong){ page, word, seen[word] >> (WORD_BITS + WRITE_BITS), write, place, oldest, newest, may_be_zero });
		return;
	}
}

static void advise(uint64_t first, uint64_t count, int advice)
{
	size_t page_bytes = run.words_per_page * sizeof(uint64_t);

	if (madvise((char *)run.start + first * page_bytes, count * page_bytes, advice) < 0)
		__atomic_store_n(&run.error, errno, __ATOMIC_SEQ_CST);
}

static void drop(uint64_t first, uint64_t count)
{
	for (uint64_t page = first; page < first + count; page++)
		__atomic_add_fetch(&run.pages[page].drops_begun, 1, __ATOMIC_SEQ_CST);
	advise(first, count, MADV_DONTNEED);
	for (uint64_t page = first; page < first + count; page++)
		__atomic_add_fetch(&run.pages[page].drops_ended, 1, __ATOMIC_SEQ_CST);
}

static void take_piece(enum storm_role role, uint64_t first, uint64_t count)
{
	switch (role) {
	case STORM_PAGEOUT:
		advise(first, count, MADV_PAGEOUT);
		break;
	case STORM_DONTNEED:
		drop(first, count);
		break;
	case STORM_WRITE:
		for (uint64_t page = first; page < first + count; page++)
			write_page(page);
		break;
	case STORM_READ:
		for (uint64_t page = first; page < first + count; page++)
			read_page(page);
		break;
	}
}

static bool is_over(void)
{
	if (__atomic_load_n(&run.error, __ATOMIC_SEQ_CST) != 0)
		return true;
	if (now_ms() > run.deadline_ms)
		__atomic_store_n(&run.error, ETIMEDOUT, __ATOMIC_SEQ_CST);
	for (int thread = 0; thread < run.storm->role_count; thread++)
		if (__atomic_load_n(&run.taken[thread], __ATOMIC_SEQ_CST) < run.storm->pieces.count)
			return false;
	return true;
}

static void *thread_run(void *argument)
{
	int thread = (int)(intptr_t)argument;
	struct pieces pieces = run.storm->pieces;

	/* Each thread draws its own places. */
	pieces.state += (uint32_t)thread;
	while (!is_over()) {
		take_piece(run.storm->roles[thread], pieces_draw(&pieces, run.page_count), pieces.page_count);
		__atomic_add_fetch(&run.taken[thread], 1, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(run.progress, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static int start_thread(pthread_t *id, int thread)
{
	pthread_attr_t attributes;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(thread % cpus_online(), &cpus);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STORM_STACK_BYTES);
	pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	int error = pthread_create(id, &attributes, thread_run, (void *)(intptr_t)thread);

	pthread_attr_destroy(&attributes);
	return error;
}

static void run_threads(void)
{
	pthread_t ids[STORM_THREADS_MAX];
	int started = 0;

	for (int error = 0; started < run.storm->role_count && error == 0; started += error == 0) {
		error = start_thread(&ids[started], started);
		if (error != 0)
			__atomic_store_n(&run.error, error, __ATOMIC_SEQ_CST);
	}
	for (int thread = 0; thread < started; thread++)
		pthread_join(ids[thread], NULL);
}

int storm_run(const struct storm *storm, volatile uint64_t *start, uint64_t page_count, volatile uint64_t *progress,
	      struct storm_result *result)
{
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	struct page_state *pages = mmap(NULL, page_count * sizeof(*pages), PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (pages == MAP_FAILED)
		return errno;
	run.storm = storm;
	run.start = start;
	run.page_count = page_count;
	run.words_per_page = page_bytes / sizeof(uint64_t);
	run.pages = pages;
	run.error = 0;
	run.deadline_ms = now_ms() + STORM_DEADLINE_MS;
	run.progress = progress;
	run.result = result;
	for (int thread = 0; thread < storm->role_count; thread++)
		run.taken[thread] = 0;
	for (uint64_t page = 0; page < page_count; page++, ++*progress)
		write_page(page);
	run_threads();
	for (uint64_t page = 0; page < page_count; page++, ++*progress)
		read_page(page);
	for (int thread = 0; thread < storm->role_count; thread++)
		result->taken[thread] = run.taken[thread];
	munmap(pages, page_count * sizeof(*pages));
	return run.error;
}
