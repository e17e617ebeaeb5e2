/* Writes the seeds of the fuzz targets, one file a seed, from what people can read:
 *
 *     isotp_corpus STREAMS ADDRESSES DECODE_FOLDER CIRCUIT_FOLDER
 *
 * The folders exist. Streams go to both, addresses to the first. */
#include "seed.h"

#include <stdlib.h>

#include "hex.h"

/* In front of a stream for circuit_fuzz: octets at a time, and what the client does,
 * which is to accept, write, send, write, read on and leave. */
static const char plan[] = "ff 10 aa 14 aa ff ff 11 aa";

static FILE *open_file(const char *name, const char *mode)
{
    FILE *file = fopen(name, mode);

    if (file == NULL) {
        perror(name);
        exit(2);
    }
    return file;
}

static void write_file(const char *folder, unsigned number, struct octets octets)
{
    char name[1024];
    FILE *file;

    snprintf(name, sizeof name, "%s/%03u", folder, number);
    file = open_file(name, "wb");
    if (fwrite(octets.at, 1, octets.length, file) != octets.length ||
        fclose(file) != 0) {
        perror(name);
        exit(2);
    }
}

/* libFuzzer would keep no larger ones; the tests have seen them. */
static bool is_small(struct octets octets)
{
    return octets.length <= 4096;
}

static unsigned write_streams(const char *name, const char *decode, const char *circuit)
{
    FILE *file = open_file(name, "r");
    struct seed seed;
    unsigned count = 0;

    while (seed_read(file, &seed)) {
        static uint8_t room[8192];
        struct octet_writer writer = {.at = room, .size = sizeof room};
        struct octets stream = hex(seed.octets);

        if (!is_small(stream))
            continue;
        write_octet(&writer, (uint8_t)seed.scene);
        write_octets(&writer, hex(plan));
        write_octets(&writer, stream);
        write_file(decode, count, stream);
        write_file(circuit, count, octets_of(room, writer.length));
        count++;
    }
    fclose(file);
    return count;
}

static void write_addresses(const char *name, const char *decode, unsigned count)
{
    FILE *file = open_file(name, "r");
    char line[1024];

    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] != '#' && line[0] != '\n')
            write_file(decode, count++, hex(line));
    }
    fclose(file);
}

int main(int argc, char **argv)
{
    unsigned count;

    if (argc != 5) {
        fprintf(stderr, "usage: isotp_corpus STREAMS ADDRESSES DECODE CIRCUIT\n");
        return 2;
    }
    count = write_streams(argv[1], argv[3], argv[4]);
    write_addresses(argv[2], argv[3], count);
    return 0;
}
