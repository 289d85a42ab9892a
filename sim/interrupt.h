/* SIGINT and SIGTERM: the first asks for an end, which comes at the next good
 * moment and leaves nothing half-written; the second ends the program at once.
 *
 * What was ignored when the program started stays ignored: that is how children
 * leave Ctrl-C to their parent, which ends them by SIGTERM. */

#ifndef HS_INTERRUPT_H
#define HS_INTERRUPT_H

/* From here on signals are caught: for who looks at hs_interrupt_signal() soon
 * and often. Whatever does not should just be ended by them. */
void hs_interrupt_catch(void);

/* The signal that came, or 0. */
int hs_interrupt_signal(void);

/* What a shell expects of a program that a signal ended: 130, or 143. */
int hs_interrupt_status(void);

/* Readable as soon as a signal came: for a GMainLoop. Owned by the module; -1
 * before hs_interrupt_catch(). */
int hs_interrupt_fd(void);

#endif
