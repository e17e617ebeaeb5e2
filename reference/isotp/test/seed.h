/* Streams of octets with what a circuit must make of them, read from a text file. The
 * same file is the seed of the fuzz targets. */
#ifndef ISOTP_SEED_H
#define ISOTP_SEED_H

#include <stdio.h>

#include "scene.h"

struct seed {
    char line[1024];
    const char *name;
    enum scene scene;
    const char *octets;     /* see hex_write */
    const char *transcript; /* see struct transcript */
    const char *reply;      /* octets that the circuit answers */
};

/* Reads the next seed; false at the end of the file. Ends the program with a message if
 * a line is not "name | scene | octets | transcript | reply". */
bool seed_read(FILE *file, struct seed *seed);

#endif
