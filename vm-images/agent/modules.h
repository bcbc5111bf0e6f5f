#ifndef MODULES_H
#define MODULES_H

/* Loads a comma-separated list of modules in the given order and says how each went. */
void modules_load(char *names);

#endif
