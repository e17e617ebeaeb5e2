#include "fuzz.h"

void fuzz_found(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

/* Absent and empty are two things. */
static bool same_octets(struct octets one, struct octets other)
{
    return (one.at == NULL) == (other.at == NULL) && octets_equal(one, other);
}

bool fuzz_same(const struct tpdu *one, const struct tpdu *other)
{
    return one->type == other->type && one->credit == other->credit &&
           one->destination == other->destination && one->source == other->source &&
           one->class_option == other->class_option && one->reason == other->reason &&
           one->number == other->number && one->last == other->last &&
           one->size == other->size && one->preferred == other->preferred &&
           one->has_additional == other->has_additional &&
           one->additional == other->additional &&
           same_octets(one->calling, other->calling) &&
           same_octets(one->called, other->called) &&
           same_octets(one->alternatives, other->alternatives) &&
           same_octets(one->information, other->information) &&
           octets_equal(one->data, other->data);
}
