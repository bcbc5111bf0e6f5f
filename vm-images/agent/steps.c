#include "steps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "areas.h"
#include "cpus.h"
#include "facts.h"
#include "files.h"
#include "folios.h"
#include "pattern.h"
#include "report.h"
#include "split.h"
#include "workers.h"

static const char *const op_names[] = {
	[OP_MAP] = "map",	    [OP_FILL] = "fill",	  [OP_PAGEOUT] = "pageout", [OP_COLD] = "cold",	      [OP_READ] = "read",
	[OP_WRITE] = "write",	    [OP_DONTNEED] = "dontneed", [OP_FREE] = "free",     [OP_UNMAP] = "unmap",	      [OP_FORK] = "fork",
	[OP_EXIT] = "exit",	    [OP_SWAPOFF] = "swapoff",   [OP_SWAPON] = "swapon",  [OP_EVICT] = "evict",
	[OP_REMOVE] = "remove",
	[OP_PIN] = "pin",	    [OP_UNPIN] = "unpin", [OP_SPLIT] = "split",   [OP_ZSWAP] = "zswap",
	[OP_STORM] = "storm",
};
static const char *const content_names[] = {
	[CONTENT_ZERO] = "zero",
	[CONTENT_WORDS] = "words",
	[CONTENT_BYTE] = "same-byte",
	[CONTENT_RANDOM] = "random",
};

/* Place of a name in a table, -1 when it is not there. */
static int name_index(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; name != NULL && i < count; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

#define INDEX(name, names) name_index(name, names, sizeof(names) / sizeof((names)[0]))

void outcome_fail(struct outcome *outcome, const char *what, int error)
{
	outcome->error = error;
	snprintf(outcome->detail, sizeof(outcome->detail), "%s%s%s", what, error == 0 ? "" : ": ",
		 error == 0 ? "" : error_name(error));
}

static const char *read_map(const struct request *request, int process, struct op *op)
{
	unsigned long long pages, order;
	const char *region = request_text(request, "region"), *share = request_text(request, "share");

	if (region == NULL || share == NULL || !request_number(request, "pages", &pages) || !request_number(request, "order", &order))
		return "map lacks region, pages, order or share";
	op->region = region_reserve(region, pages, process);
	if (op->region < 0)
		return "the region's name is taken or too long, its length is out of range, or there are too many";
	op->page_count = pages;
	op->large_folios = order > 0;
	op->shared = strcmp(share, "shared") == 0;
	return NULL;
}

/* None for an op on the whole of its range. */
static const char *read_pieces(const struct request *request, struct op *op)
{
	unsigned long long count, pages, seed;

	if (request_text(request, "pieces") == NULL)
		return NULL;
	if (!request_number(request, "pieces", &count) || !request_number(request, "piece", &pages) || !request_number(request, "draw", &seed))
		return "the op's pieces lack their number, pages or seed";
	if (pages == 0 || pages > op->page_count)
		return "a piece is empty or longer than the range";
	op->pieces = (struct pieces){ .count = count, .page_count = pages, .state = (uint32_t)seed };
	return NULL;
}

static const char *read_range(const struct request *request, int process, struct op *op)
{
	unsigned long long first, count;
	const char *region = request_text(request, "region");

	if (region == NULL || !request_number(request, "first", &first) || !request_number(request, "count", &count))
		return "the op lacks region, first or count";
	op->region = region_find(region, process);
	if (op->region < 0)
		return "the process has no region of that name";
	if (count == 0 || first >= region_get(op->region)->page_count || count > region_get(op->region)->page_count - first)
		return "the range is empty or reaches beyond the region";
	op->first_page = first;
	op->page_count = count;
	return read_pieces(request, op);
}

static const char *read_region(const struct request *request, int process, struct op *op)
{
	const char *region = request_text(request, "region");

	op->region = region == NULL ? -1 : region_find(region, process);
	return op->region < 0 ? "the process has no region of that name" : NULL;
}

static const char *read_fill(const struct request *request, int process, struct op *op)
{
	unsigned long long parameter = 0;

	op->content = INDEX(request_text(request, "pattern"), content_names);
	if (op->content < 0)
		return "unknown fill pattern";
	if ((op->content == CONTENT_BYTE && !request_number(request, "byte", &parameter)) ||
	    (op->content == CONTENT_RANDOM && !request_number(request, "seed", &parameter)))
		return "the fill pattern lacks its byte or seed";
	op->parameter = parameter;
	return read_range(request, process, op);
}

static const char *const storm_roles[] = {
	[STORM_PAGEOUT] = "pageout",
	[STORM_DONTNEED] = "dontneed",
	[STORM_WRITE] = "write",
	[STORM_READ] = "read",
};

static const char *read_storm(const struct request *request, int process, struct op *op)
{
	char *roles = request_text(request, "threads");
	const char *problem = read_range(request, process, op);

	if (problem != NULL)
		return problem;
	if (roles == NULL || op->pieces.count == 0)
		return "the storm lacks threads or pieces";
	op->storm.pieces = op->pieces;
	/* They are the threads' own: the op is done once. */
	op->pieces.count = 0;
	for (const char *role; (role = next_item(&roles, ',')) != NULL; op->storm.role_count++) {
		int kind = INDEX(role, storm_roles);

		if (kind < 0 || op->storm.role_count == STORM_THREADS_MAX)
			return kind < 0 ? "a thread of the storm has no such role" : "the storm has too many threads";
		op->storm.roles[op->storm.role_count] = (enum storm_role)kind;
	}
	return NULL;
}

static const char *read_zswap(const struct request *request, struct op *op)
{
	unsigned long long enabled;

	if (!request_number(request, "enabled", &enabled))
		return "zswap lacks enabled";
	op->enabled = enabled != 0;
	return NULL;
}

static const char *read_fork(const struct request *request, struct op *op)
{
	const char *child = request_text(request, "child");

	op->child = child == NULL ? -1 : process_reserve(child);
	return op->child < 0 ? "the child's name is missing, taken or too long, or there are too many processes" : NULL;
}

static const char *read_area(const struct request *request, struct op *op)
{
	const char *name = request_text(request, "area");

	op->area = name == NULL ? -1 : area_find(name);
	if (op->area < 0)
		return "there is no area of that name";
	op->swap_flags = area_flags(op->area);
	snprintf(op->path, sizeof(op->path), "%s", area_path(op->area));
	return NULL;
}

static const char *read_cpu(const struct request *request, struct op *op)
{
	unsigned long long cpu = 0;

	if (request_text(request, "cpu") != NULL && !request_number(request, "cpu", &cpu))
		return "the op's cpu is no number";
	op->cpu = (int)cpu;
	return cpu < (unsigned long long)cpus_online() ? NULL : "the guest has no such CPU";
}

/* Fills in the op; NULL when it makes sense, else why not. */
static const char *read_op(const struct request *request, int process, struct op *op)
{
	switch (op->kind) {
	case OP_MAP:
		return read_map(request, process, op);
	case OP_FILL:
		return read_fill(request, process, op);
	case OP_UNPIN:
		return read_region(request, process, op);
	case OP_ZSWAP:
		return read_zswap(request, op);
	case OP_STORM:
		return read_storm(request, process, op);
	case OP_FORK:
		return read_fork(request, op);
	case OP_EXIT:
	case OP_EVICT:
		return NULL;
	case OP_SWAPOFF:
	case OP_SWAPON:
		return read_area(request, op);
	default:
		return read_range(request, process, op);
	}
}

static void explain_end(int process, struct outcome *outcome)
{
	int status = process_get(process)->status;

	if (process_get(process)->pid > 0)
		snprintf(outcome->detail, sizeof(outcome->detail), "the process lives but does not answer");
	else if (WIFSIGNALED(status))
		snprintf(outcome->detail, sizeof(outcome->detail), "killed by signal %d", WTERMSIG(status));
	else
		snprintf(outcome->detail, sizeof(outcome->detail), "exited with status %d", WEXITSTATUS(status));
}

static void report_read(uint64_t wrong_pages)
{
	struct message message;

	message_begin(&message, "read");
	message_number(&message, "bad", wrong_pages);
	wire_send(&message);
}

static void report_took(uint64_t nanoseconds)
{
	struct message message;

	message_begin(&message, "took");
	message_number(&message, "ns", nanoseconds);
	wire_send(&message);
}

/* What each thread did, and of the first page that was wrong what it held and should have held. */
static void report_storm(const struct storm *storm, const struct storm_result *result)
{
	struct message message;

	for (int thread = 0; thread < storm->role_count; thread++) {
		message_begin(&message, "thread");
		message_text(&message, "role", storm_roles[storm->roles[thread]]);
		message_number(&message, "pieces", result->taken[thread]);
		wire_send(&message);
	}
	if (result->wrong_pages == 0)
		return;
	message_begin(&message, "wrong");
	message_number(&message, "page", result->wrong.page);
	message_number(&message, "word", result->wrong.word);
	message_number(&message, "held_page", result->wrong.held_page);
	message_number(&message, "held_write", result->wrong.held_write);
	message_number(&message, "held_word", result->wrong.held_word);
	message_number(&message, "oldest", result->wrong.oldest);
	message_number(&message, "newest", result->wrong.newest);
	message_number(&message, "zero", result->wrong.may_be_zero);
	wire_send(&message);
}

/*
 * A folio that was mapped anew, given up, or whose write ended waits in a batch of the CPU to be put or moved on its LRU
 * list. Until then it has one more reference, which keeps a later write fault from freeing its slot, and a page-out on
 * another CPU passes it over. How many wait is a matter of timing. MADV_COLD lets all batches of its CPU go before it does
 * anything else, so an empty mapping will do.
 */
void drain_lru_batches(void)
{
	static void *empty;

	if (empty == NULL)
		empty = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int cpu = cpus_online() - 1; empty != MAP_FAILED && cpu >= 0; cpu--)
		if (cpu_pin(cpu))
			madvise(empty, 1, MADV_COLD);
}

/*
 * With all that is mapped locked, only what nobody maps can be reclaimed, by this process: the unmapped folios of the swap cache, in
 * whatever order the kernel meets them. A second round takes those that the first had to write.
 */
static const char *evict(int cpu)
{
	const struct op lock = { .kind = OP_LOCK, .cpu = cpu }, unlock = { .kind = OP_UNLOCK, .cpu = cpu };
	const char *problem = cpu_pin(cpu) && workers_call_all(&lock) ? NULL : "the processes could not lock their memory";

	for (int round = 0; problem == NULL && round < 2; round++) {
		problem = cgroup_reclaim();
		if (problem == NULL && !report_wait_writeback())
			problem = "pages are still under writeback";
	}
	if (!workers_call_all(&unlock) && problem == NULL)
		problem = "the processes could not unlock their memory";
	return problem;
}

static const char *split(int process, const struct op *op)
{
	uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);

	return split_range(process_get(process)->pid, region_address(op->region) + op->first_page * page_bytes, op->page_count * page_bytes);
}

static const char *switch_zswap(bool enabled)
{
	if (file_write("/sys/module/zswap/parameters/enabled", enabled ? "Y" : "N"))
		return NULL;
	return errno == ENOENT ? "this kernel has no zswap (CONFIG_ZSWAP)" : "zswap could not be switched; it may lack its compressor";
}

/* The part of an op that PID 1 does, after the process was asked. */
static const char *run_own_part(int process, const struct op *op)
{
	switch (op->kind) {
	case OP_EVICT:
		return evict(op->cpu);
	case OP_SPLIT:
		return split(process, op);
	case OP_ZSWAP:
		return switch_zswap(op->enabled);
	default:
		return NULL;
	}
}

static void run_op(int process, const struct op *op, struct outcome *outcome)
{
	struct op_result result;
	long long started_ns = now_ns();
	bool answered = worker_call(process, op, &result);
	const char *problem = answered ? run_own_part(process, op) : NULL;
	uint64_t took_ns = answered && result.took_ns > 0 ? result.took_ns : (uint64_t)(now_ns() - started_ns);

	if (problem != NULL)
		outcome_fail(outcome, problem, 0);
	if (!answered)
		explain_end(process, outcome);
	else if (result.error != 0)
		outcome_fail(outcome, op_names[op->kind], result.error);
	else if (op->kind == OP_SWAPON || op->kind == OP_SWAPOFF)
		area_switched(op->area, op->kind == OP_SWAPON);
	if ((op->kind == OP_PAGEOUT || op->kind == OP_STORM) && !report_wait_writeback())
		outcome_fail(outcome, "pages are still under writeback", 0);
	drain_lru_batches();
	report_send();
	report_took(took_ns);
	if ((op->kind == OP_READ || op->kind == OP_STORM) && answered)
		report_read(result.wrong_pages);
	if (op->kind == OP_STORM && answered)
		report_storm(&op->storm, &result.storm);
}

void step_op(const struct request *request, struct outcome *outcome)
{
	static struct op op;
	const char *name = request_text(request, "name"), *in = request_text(request, "in");

	if (name != NULL && strcmp(name, "note") == 0) {
		report_send();
		return;
	}
	int kind = INDEX(name, op_names), process = in == NULL || kind < 0 ? -1 : process_find(in);

	if (kind < 0 || process < 0) {
		outcome_fail(outcome, kind < 0 ? "unknown op" : "no living process of that name", 0);
		return;
	}
	op = (struct op){ .kind = (enum op_kind)kind };
	const char *problem = read_cpu(request, &op);

	if (problem == NULL)
		problem = read_op(request, process, &op);

	if (problem != NULL)
		outcome_fail(outcome, problem, 0);
	else
		run_op(process, &op, outcome);
}

/* The first area is made before the first step, like all others: making one leaves no trace but on its disk. */
void step_area(const struct request *request, struct outcome *outcome)
{
	const char *name = request_text(request, "name");
	unsigned long long disk, kilobytes, priority;
	int flags = request_number(request, "prio", &priority) ? SWAP_FLAG_PREFER | (int)(priority & SWAP_FLAG_PRIO_MASK) : 0;

	if (name == NULL || !request_number(request, "disk", &disk) || !request_number(request, "kb", &kilobytes) || disk >= AREAS_MAX) {
		outcome_fail(outcome, "area lacks name, disk or kb, or its disk is none", 0);
		return;
	}
	const char *problem = area_make(name, (unsigned)disk, kilobytes, flags);

	if (problem != NULL)
		outcome_fail(outcome, problem, errno);
	/* No step's system call has failed. */
	outcome->error = 0;
}

void step_policy(const struct request *request, struct outcome *outcome)
{
	char *folios = request_text(request, "folios");
	const char *who = request_text(request, "who");
	const char *problem = folios == NULL || who == NULL ? "policy lacks folios or who" : folios_policy(folios, who);

	if (problem != NULL)
		outcome_fail(outcome, problem, 0);
	report_send();
}
