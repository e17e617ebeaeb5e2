#include "seed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The field at *rest without blanks around it; *rest moves behind the bar. */
static char *take_field(char **rest)
{
    char *field = *rest;
    char *end;

    if (field == NULL)
        return NULL;
    *rest = strchr(field, '|');
    end = *rest != NULL ? (*rest)++ : field + strlen(field);
    while (end > field && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    while (isspace((unsigned char)*field))
        field++;
    return field;
}

static bool is_blank(const char *line)
{
    while (isspace((unsigned char)*line))
        line++;
    return *line == '\0' || *line == '#';
}

bool seed_read(FILE *file, struct seed *seed)
{
    char *rest = seed->line;
    const char *scene;

    do {
        if (fgets(seed->line, sizeof seed->line, file) == NULL)
            return false;
    } while (is_blank(seed->line));

    seed->name = take_field(&rest);
    scene = take_field(&rest);
    seed->octets = take_field(&rest);
    seed->transcript = take_field(&rest);
    seed->reply = take_field(&rest);
    if (seed->reply == NULL || rest != NULL || !scene_of(scene, &seed->scene)) {
        fprintf(stderr, "not a seed: %s\n", seed->name);
        exit(2);
    }
    return true;
}
