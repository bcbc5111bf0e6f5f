#include "placement.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"
#include "workers.h"

/* An entry of pagemap. */
#define PRESENT (UINT64_C(1) << 63)
#define SWAPPED (UINT64_C(1) << 62)
#define SWAP_TYPE(entry) ((entry) & 31)
#define SWAP_OFFSET(entry) ((entry) >> 5 & ((UINT64_C(1) << 50) - 1))

/* Entries of one read. The kernel walks page tables in steps of a PMD, so a larger one saves only calls. */
#define CHUNK 16384

struct run {
	uint64_t first_page, page_count;
	/* PRESENT or SWAPPED with type and offset of the first page, or 0. */
	uint64_t state;
};

/* What of an entry says where the page is; the rest (dirty bits, frame numbers) is of no concern. */
static uint64_t entry_state(uint64_t entry)
{
	if (entry & PRESENT)
		return PRESENT;
	return entry & SWAPPED ? entry & (SWAPPED | ((UINT64_C(1) << 55) - 1)) : 0;
}

static bool continues(const struct run *run, uint64_t state)
{
	return state == (state & SWAPPED ? run->state + (run->page_count << 5) : run->state);
}

static void send_items(struct message *message, const struct process *process, const struct region *region, const char *items)
{
	message_begin(message, "run");
	message_text(message, "process", process->name);
	message_text(message, "region", region->name);
	message_text(message, "r", items);
	wire_send(message);
}

/* The list of runs of one region of one process, cut into messages. */
struct run_list {
	const struct process *process;
	const struct region *region;
	size_t length;
	/* Leaves room in the payload for the longest names. */
	char items[WIRE_PAYLOAD_MAX - 200];
};

static void flush(struct run_list *list)
{
	struct message message;

	if (list->length > 0)
		send_items(&message, list->process, list->region, list->items);
	list->length = 0;
}

static void append(struct run_list *list, const struct run *run)
{
	char item[96];
	int length = snprintf(item, sizeof(item), "%s%llu+%llu:", list->length > 0 ? "," : "",
			      (unsigned long long)run->first_page, (unsigned long long)run->page_count);

	if (run->state & SWAPPED)
		length += snprintf(item + length, sizeof(item) - (size_t)length, "s%u@%llu", (unsigned)SWAP_TYPE(run->state),
				   (unsigned long long)SWAP_OFFSET(run->state));
	else
		item[length++] = run->state == PRESENT ? 'p' : 'n';
	item[length] = '\0';
	if (list->length + (size_t)length >= sizeof(list->items)) {
		flush(list);
		append(list, run);
		return;
	}
	memcpy(list->items + list->length, item, (size_t)length + 1);
	list->length += (size_t)length;
}

static void report_region(const struct process *process, int region)
{
	static uint64_t entries[CHUNK];
	uint64_t first_entry = region_address(region) / (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t page_count = region_get(region)->page_count;
	struct run_list list = { .process = process, .region = region_get(region) };
	struct run run = { 0 };

	for (uint64_t page = 0; page < page_count;) {
		uint64_t wanted = page_count - page < CHUNK ? page_count - page : CHUNK;
		ssize_t got = pread(process->pagemap, entries, wanted * sizeof(entries[0]),
				    (off_t)((first_entry + page) * sizeof(entries[0])));

		if (got <= 0)
			return;
		for (uint64_t i = 0; i < (uint64_t)got / sizeof(entries[0]); i++, page++) {
			uint64_t state = entry_state(entries[i]);

			if (run.page_count > 0 && continues(&run, state)) {
				run.page_count++;
				continue;
			}
			if (run.page_count > 0)
				append(&list, &run);
			run = (struct run){ .first_page = page, .page_count = 1, .state = state };
		}
	}
	append(&list, &run);
	flush(&list);
}

void placement_report(void)
{
	for (int process = 0; process < process_count(); process++)
		for (int region = 0; region < region_count(); region++)
			if (process_get(process)->pid > 0 && region_get(region)->mapped_by[process])
				report_region(process_get(process), region);
}
