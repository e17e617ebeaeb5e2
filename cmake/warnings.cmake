# The project's own code: every warning is an error. -Wunused-const-variable is what
# turns a case that is on no list into a compile error.
option(WSPCHECK_WARNINGS_ARE_ERRORS
       "OFF for compilers newer than those that this is written with" ON)
add_library(wspcheck_warnings INTERFACE)
target_compile_options(
    wspcheck_warnings
    INTERFACE -Wall -Wextra -Wunused-const-variable -Wvla -Wstrict-prototypes
              $<$<BOOL:${WSPCHECK_WARNINGS_ARE_ERRORS}>:-Werror>)
