/* What is said about the guest while it is prepared. */
#ifndef FACTS_H
#define FACTS_H

#include <stdbool.h>

#include "message.h"

/* A fact of one kind about one named thing. */
void fact_begin(struct message *message, const char *kind, const char *name);
/* Status and detail of a named thing. */
void fact_status(const char *kind, const char *name, const char *status, const char *detail);
/* Something that a run cannot do without. */
void fact_lack(const char *what, const char *detail);
/* An error number by name, "EINVAL". */
const char *error_name(int error);

#endif
