/*
 * A storm on the host, over a kernel that lies: in place of paging out it does to the memory what a broken swap core could.
 * Prints how many pages the storm found wrong, and the first of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "storm.h"

enum lie { HONEST, STALE, EXCHANGED, ZEROED, SHIFTED };
static const char *const lies[] = { "honest", "stale", "exchanged", "zeroed", "shifted" };

enum { PAGES = 64 };
static enum lie lie;
static size_t page_bytes;
static char *region, *earlier;
static int calls;

int __real_madvise(void *start, size_t bytes, int advice);

int __wrap_madvise(void *start, size_t bytes, int advice)
{
	char *page = start;

	if (advice != MADV_PAGEOUT)
		return __real_madvise(start, bytes, advice);
	/* What is there now comes back some calls later. */
	if (calls++ == 0)
		memcpy(earlier, region, PAGES * page_bytes);
	if (calls < 50)
		return 0;
	if (lie == STALE)
		memcpy(page, earlier + (page - region), page_bytes);
	else if (lie == EXCHANGED)
		memcpy(page, region + (page - region + (long)page_bytes) % (PAGES * (long)page_bytes), page_bytes);
	else if (lie == ZEROED)
		memset(page, 0, page_bytes);
	else if (lie == SHIFTED)
		memmove(page, page + 8, page_bytes - 8);
	return 0;
}

int main(int argc, char **argv)
{
	volatile uint64_t progress = 0;
	struct storm_result result = { 0 };
	/* Without MADV_DONTNEED a page may never be zero. */
	struct storm storm = { .role_count = 3, .roles = { STORM_PAGEOUT, STORM_WRITE, STORM_READ }, .pieces = { .count = 20000, .page_count = 4, .state = 1 } };

	for (size_t i = 0; argc > 1 && i < sizeof(lies) / sizeof(lies[0]); i++)
		if (strcmp(argv[1], lies[i]) == 0)
			lie = (enum lie)i;
	if (argc > 2)
		storm.roles[storm.role_count++] = STORM_DONTNEED;
	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	region = mmap(NULL, PAGES * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	earlier = malloc(PAGES * page_bytes);
	if (region == MAP_FAILED || earlier == NULL)
		return 2;
	int error = storm_run(&storm, (volatile uint64_t *)region, PAGES, &progress, &result);

	printf("error %d wrong %llu held_page %llu held_write %llu oldest %u newest %u zero %d\n", error, (unsigned long long)result.wrong_pages,
	       (unsigned long long)result.wrong.held_page, (unsigned long long)result.wrong.held_write, result.wrong.oldest, result.wrong.newest, result.wrong.may_be_zero);
	return 0;
}
