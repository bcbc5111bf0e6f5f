#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cpus.h"
#include "files.h"
#include "pattern.h"
#include "pins.h"

static struct worker_pipes pipes[PROCESSES_MAX];
static volatile uint64_t *progress;

/* What this process knows of its regions; a fork's child starts with the parent's knowledge. */
static struct {
	/* Notes live outside every region, touched before the region is mapped; those of a shared region are shared. */
	struct page_note *notes;
	size_t notes_bytes;
	bool shared;
} regions[REGIONS_MAX];
static uint64_t write_serial;
/* Of the op being carried out: what its madvise took, apart from the notes kept beside it. */
static long long advise_ns;

bool workers_prepare_pipes(void)
{
	for (int i = 0; i < PROCESSES_MAX; i++) {
		int op[2], result[2];

		if (pipe2(op, O_CLOEXEC) < 0 || pipe2(result, O_CLOEXEC) < 0)
			return false;
		pipes[i] = (struct worker_pipes){ op[0], op[1], result[0], result[1] };
	}
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	return progress != MAP_FAILED;
}

const struct worker_pipes *worker_pipes(int process)
{
	return &pipes[process];
}

uint64_t worker_progress(void)
{
	return *progress;
}

uint64_t region_address(int region)
{
	return REGION_BASE + (uint64_t)region * REGION_STRIDE;
}

static void *page_address(int region, uint64_t page)
{
	return (void *)(region_address(region) + page * (uint64_t)sysconf(_SC_PAGESIZE));
}

static size_t range_bytes(const struct op *op)
{
	return op->page_count * (size_t)sysconf(_SC_PAGESIZE);
}

static int map_region(const struct op *op)
{
	int share = op->shared ? MAP_SHARED : MAP_PRIVATE | MAP_NORESERVE;
	size_t notes_bytes = op->page_count * sizeof(struct page_note);
	struct page_note *notes = mmap(NULL, notes_bytes, PROT_READ | PROT_WRITE,
				       (op->shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	void *start = page_address(op->region, 0);

	if (notes == MAP_FAILED)
		return errno;
	if (mmap(start, range_bytes(op), PROT_READ | PROT_WRITE, share | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != start)
		return errno;
	/* EINVAL: a kernel without transparent huge pages, which has base pages only whatever one asks for. */
	if (madvise(start, range_bytes(op), op->large_folios ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) < 0 &&
	    (op->large_folios || errno != EINVAL))
		return errno;
	regions[op->region].notes = notes;
	regions[op->region].notes_bytes = notes_bytes;
	regions[op->region].shared = op->shared;
	return 0;
}

/* fill, read and write: page by page, in ascending order. */
static uint64_t touch_pages(const struct op *op)
{
	uint64_t wrong = 0;

	for (uint64_t page = op->first_page; page < op->first_page + op->page_count; page++) {
		volatile uint64_t *words = page_address(op->region, page);
		struct page_note *note = &regions[op->region].notes[page];

		if (op->kind == OP_FILL)
			page_fill(words, page, note, (enum content)op->content, op->parameter);
		else if (op->kind == OP_WRITE)
			page_write(words, page, note, ++write_serial);
		else
			wrong += !page_check(words, page, note);
		++*progress;
	}
	return wrong;
}

static int advise(const struct op *op, int advice)
{
	long long started_ns = now_ns();
	int error = madvise(page_address(op->region, op->first_page), range_bytes(op), advice) == 0 ? 0 : errno;

	advise_ns += now_ns() - started_ns;
	return error;
}

/*
 * Reclaim that fills an area wakes the kernel's worker, which frees slots of full clusters, and whether reclaim still
 * gets those would hang on the moment the scheduler lets the worker in. A real-time process is not preempted by it: its
 * turn comes when the call is over. Where the kernel refuses (real-time groups), the call is made all the same.
 */
static int page_out(const struct op *op)
{
	const struct sched_param real_time = { .sched_priority = 1 }, ordinary = { 0 };
	bool raised = sched_setscheduler(0, SCHED_FIFO, &real_time) == 0;
	int error = advise(op, MADV_PAGEOUT);

	if (raised && sched_setscheduler(0, SCHED_OTHER, &ordinary) < 0 && error == 0)
		error = errno;
	return error;
}

static int drop_pages(const struct op *op, int advice, void (*note_change)(struct page_note *))
{
	int error = advise(op, advice);

	/* Pages of a shared mapping belong to its file: only MADV_REMOVE takes them from there, the others forget where they are. */
	if (error != 0 || (regions[op->region].shared && advice != MADV_REMOVE))
		return error;
	for (uint64_t page = op->first_page; page < op->first_page + op->page_count; page++)
		note_change(&regions[op->region].notes[page]);
	return 0;
}

/*
 * A fork leaves what is shared out of the child's page tables. Notes that no page table maps would go to swap in an evict,
 * once the processes that touched them have ended.
 */
static bool map_shared_notes(void)
{
	for (int i = 0; i < REGIONS_MAX; i++)
		if (regions[i].shared && madvise(regions[i].notes, regions[i].notes_bytes, MADV_POPULATE_READ) < 0)
			return false;
	return true;
}

/* As a child of PID 1, not of this process: PID 1 waits for every worker itself. */
static int fork_worker(const struct op *op, struct op_result *result)
{
	long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		return errno;
	if (pid == 0) {
		/* What the parent holds, it holds alone. */
		pins_drop(-1);
		if (!map_shared_notes())
			_exit(1);
		worker_run(op->child);
	}
	result->child_pid = (int)pid;
	return 0;
}

static void perform(const struct op *op, struct op_result *result)
{
	switch (op->kind) {
	case OP_MAP:
		result->error = map_region(op);
		break;
	case OP_FILL:
	case OP_READ:
	case OP_WRITE:
		result->wrong_pages += touch_pages(op);
		break;
	case OP_PAGEOUT:
		result->error = page_out(op);
		break;
	case OP_COLD:
		result->error = advise(op, MADV_COLD);
		break;
	case OP_DONTNEED:
		result->error = drop_pages(op, MADV_DONTNEED, page_zeroed);
		break;
	case OP_FREE:
		result->error = drop_pages(op, MADV_FREE, page_freed);
		break;
	case OP_UNMAP:
		if (munmap(page_address(op->region, op->first_page), range_bytes(op)) < 0)
			result->error = errno;
		break;
	case OP_FORK:
		result->error = fork_worker(op, result);
		break;
	case OP_EXIT:
		_exit(0);
	case OP_SWAPOFF:
		if (swapoff(op->path) < 0)
			result->error = errno;
		break;
	case OP_SWAPON:
		if (swapon(op->path, op->swap_flags) < 0)
			result->error = errno;
		break;
	case OP_LOCK:
		if (mlockall(MCL_CURRENT | MCL_ONFAULT) < 0)
			result->error = errno;
		break;
	case OP_UNLOCK:
		if (munlockall() < 0)
			result->error = errno;
		break;
	case OP_REMOVE:
		result->error = drop_pages(op, MADV_REMOVE, page_zeroed);
		break;
	case OP_PIN:
		result->error = pins_add(op->region, page_address(op->region, op->first_page), range_bytes(op));
		break;
	case OP_UNPIN:
		pins_drop(op->region);
		break;
	case OP_STORM:
		result->error = storm_run(&op->storm, page_address(op->region, op->first_page), op->page_count, progress, &result->storm);
		result->wrong_pages = result->storm.wrong_pages;
		break;
	case OP_EVICT:
	case OP_SPLIT:
	case OP_ZSWAP:
		/* Done by PID 1. */
		break;
	}
}

static void perform_on_pieces(const struct op *op, struct op_result *result)
{
	struct op piece = *op;

	piece.page_count = op->pieces.page_count;
	for (uint64_t done = 0; done < op->pieces.count && result->error == 0; done++) {
		piece.first_page = op->first_page + pieces_draw(&piece.pieces, op->page_count);
		perform(&piece, result);
	}
}

static struct op_result carry_out(const struct op *op)
{
	struct op_result result = { 0 };

	if (!cpu_pin(op->cpu)) {
		result.error = errno;
		return result;
	}
	advise_ns = 0;
	long long started_ns = now_ns();

	if (op->pieces.count > 0)
		perform_on_pieces(op, &result);
	else
		perform(op, &result);
	/* Of what PID 1 does, PID 1 takes the time. */
	if (op->kind != OP_EVICT && op->kind != OP_SPLIT && op->kind != OP_ZSWAP)
		result.took_ns = (uint64_t)(advise_ns > 0 ? advise_ns : now_ns() - started_ns);
	return result;
}

void worker_run(int process)
{
	struct op op;
	/* The first answer says that it lives and waits. */
	struct op_result result = { 0 };

	while (write(pipes[process].result_write, &result, sizeof(result)) == sizeof(result) &&
	       read(pipes[process].op_read, &op, sizeof(op)) == sizeof(op))
		result = carry_out(&op);
	_exit(1);
}
