/*
 * A process of the workload. It carries out ops in its own address space, told over a pipe by PID 1, and
 * answers over another. Ops cross the pipe as plain structs: both ends are the same program.
 */
#ifndef WORKER_H
#define WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "limits.h"
#include "pieces.h"
#include "storm.h"

enum op_kind {
	OP_MAP,
	OP_FILL,
	OP_PAGEOUT,
	OP_COLD,
	OP_READ,
	OP_WRITE,
	OP_DONTNEED,
	OP_FREE,
	OP_UNMAP,
	OP_FORK,
	OP_EXIT,
	OP_SWAPOFF,
	OP_SWAPON,
	OP_EVICT,
	OP_REMOVE,
	OP_PIN,
	OP_UNPIN,
	OP_SPLIT,
	OP_ZSWAP,
	OP_STORM,
	/* Of evict: everything present stays in memory, and may leave it again. */
	OP_LOCK,
	OP_UNLOCK,
};

struct op {
	enum op_kind kind;
	/* The CPU to run on. */
	int cpu;
	/* Region by number; its address follows from that. */
	int region;
	uint64_t first_page, page_count;
	struct pieces pieces;
	/* map */
	bool large_folios, shared;
	/* fill */
	int content;
	uint64_t parameter;
	/* fork: the child's number. */
	int child;
	/* zswap */
	bool enabled;
	struct storm storm;
	/* swapoff, swapon: the area by number, and what the system calls want. */
	int area, swap_flags;
	char path[NAME_BYTES + 8];
};

struct op_result {
	/* errno of the op's system call; 0 when it succeeded. */
	int error;
	/* fork: in the parent, the child's process id. */
	int child_pid;
	/* read, storm: pages whose content was wrong. */
	uint64_t wrong_pages;
	struct storm_result storm;
	/* Nanoseconds of the op's system call, or of touching all its pages; 0 where PID 1 does the op. */
	uint64_t took_ns;
};

/* The ends of each process's pipes. */
struct worker_pipes {
	int op_read, op_write;
	int result_read, result_write;
};

/* Pipes of every process that there will be, and the counter of pages touched, which all share. */
bool workers_prepare_pipes(void);
const struct worker_pipes *worker_pipes(int process);
uint64_t worker_progress(void);
uint64_t region_address(int region);

/* The life of a worker. */
_Noreturn void worker_run(int process);

#endif
