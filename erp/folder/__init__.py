"""The watched folder (docs/erp.md):

in/         the ERP lays its files here, answers to our documents too
out/        our documents, one file each; staged/ holds one until it is written down that it goes out
done/       files that were taken, rejected/ those that were not, with the reasons beside them
"""
