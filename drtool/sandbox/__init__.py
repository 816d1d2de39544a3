"""The disposable Docker environment of one drill: no route out, limited, labelled, gone at the end."""
