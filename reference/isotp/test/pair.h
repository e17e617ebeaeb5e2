/* Two circuits on one stream, and what each client has seen. */
#ifndef ISOTP_PAIR_H
#define ISOTP_PAIR_H

#include "scene.h"

struct pair_end {
    struct circuit circuit;
    struct transcript seen;
    struct circuit_event event; /* the last one that was not CIRCUIT_DATA */
    uint8_t data[128];          /* a copy of its data */
};

struct pair {
    struct pair_end caller;
    struct pair_end callee;
};

/* Both allow both classes; the sizes are their largest TPDUs. */
void pair_init(struct pair *pair, uint32_t caller_size, uint32_t callee_size);

/* Carries octets both ways until nobody has any; user data of DTs are 'd'. */
void pair_run(struct pair *pair);

/* pair_init with TPDUs of 2048 octets, and connected without connect data. */
void pair_connect(struct pair *pair);

/* The data of the last event. */
struct octets pair_data(const struct pair_end *end);

#endif
