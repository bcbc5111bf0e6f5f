/* Requests that change the world: ops and policy, which are answered with its state, and the making of areas. */
#ifndef STEPS_H
#define STEPS_H

#include "wire.h"

/* What became of a request. */
struct outcome {
	/* Empty when all went well, else what did not. */
	char detail[160];
	/* Error number of the system call that an op stands for; 0 when it succeeded or never came to it. */
	int error;
};

void step_op(const struct request *request, struct outcome *outcome);
void step_area(const struct request *request, struct outcome *outcome);
void step_policy(const struct request *request, struct outcome *outcome);
/* Lets the batches go in which each CPU keeps folios on their way between LRU lists. */
void drain_lru_batches(void);
void outcome_fail(struct outcome *outcome, const char *what, int error);

#endif
